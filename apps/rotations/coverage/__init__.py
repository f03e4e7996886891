"""What is not covered in the days ahead: nobody on, somebody on who is away, somebody on who left."""
