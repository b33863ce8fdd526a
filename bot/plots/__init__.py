"""Pictures drawn from plain facts: slow and heavy to import, so it is called off the event loop and imported late."""
