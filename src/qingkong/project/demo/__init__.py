"""The demo county: invented people, real mechanisms. Everything is done through the operations officers use."""
