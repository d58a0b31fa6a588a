"""What a project knows: claims that finished runs verified, kept with their quotes, and what a person says of them."""
