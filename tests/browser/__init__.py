"""What a person sees and presses, in Chromium."""
