"""What a viewer can see and do: page states as frozen values and pure functions."""
