"""Who is in the program: patients, prescribers, pharmacies, guardians, designees."""
