"""Learning beside the main school (Saturday schools, schools abroad): how it begins and ends."""
