"""Long jobs and periodic work, done: taskiq carries the calls, the database says what there is to do."""
