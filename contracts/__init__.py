"""The words of the house: identifiers, code lists, forms, the worker record, events. No input, no output."""
