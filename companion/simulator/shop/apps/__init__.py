"""The App system from the shop's side: installing an app, registering with its server, sending it webhooks."""
