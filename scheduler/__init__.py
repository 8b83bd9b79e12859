"""Storey 3, when: which job runs at what time, and what runs it. Knows times, not meanings."""
