"""Who is on, from a rotation's definition alone. Pure; every door and job asks this and nothing else."""
