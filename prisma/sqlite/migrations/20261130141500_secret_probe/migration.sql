-- A sealed text by which servers on the same store compare their secrets.
ALTER TABLE "Counters" ADD COLUMN "secretProbe" TEXT;
