"""From a window of events to a suggestion or a reasoned silence; knows no editor and no dataset."""
