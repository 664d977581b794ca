-- A job that has no end of its own is called continuous everywhere.
ALTER TABLE "Job" RENAME COLUMN "endless" TO "continuous";
