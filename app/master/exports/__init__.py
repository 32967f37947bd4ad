"""What leaves for other programs: files and pages as long as the fleet, made while they are sent."""
