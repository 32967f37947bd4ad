"""Which hosts there are: those of the settings, those enrolled in the dashboard, their keys, who is suspended."""
