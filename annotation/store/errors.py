"""What can go wrong with the store, each as one sentence a person can act on."""


class StoreError(Exception):
    """The store could not do what was asked; what was saved before is intact."""


class LostFileError(StoreError):
    """A clean-up removed a file between its being put and its row being added; putting it again helps."""
