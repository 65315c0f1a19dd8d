"""The people of the program: patients, prescribers, pharmacies, guardians, designees."""
