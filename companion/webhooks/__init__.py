"""Door 1: what a shop sends us. Accepted durably and answered at once; nothing is asked, mapped or sent from here."""
