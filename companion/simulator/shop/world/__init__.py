"""What the demo shop is set up with, as documents: settings, catalogue, promotions, people. All of it made up."""
