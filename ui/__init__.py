"""What every page is made of: forms, icons, times, navigation, pictures. Knows no patient and no rule."""
