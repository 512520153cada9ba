"""The extension in a real VS Code; one package, so that they share one browser and one built extension."""
