"""One model on several servers: who gets a call, who is left out for a while, who answers when one fails."""
