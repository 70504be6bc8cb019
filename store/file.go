package store

// databaseFile is the name of the database in the data folder.
const databaseFile = "tidings.db"
