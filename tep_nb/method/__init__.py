"""How proposals are made: a method turns State into Proposals."""
