"""What `python -m ablate.cost` works with: counted by formula, measured in processes of their own, told, drawn."""
