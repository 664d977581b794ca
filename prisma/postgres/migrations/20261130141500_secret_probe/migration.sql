-- A sealed text by which servers on the same store compare their secrets.
ALTER TABLE "counters" ADD COLUMN "secret_probe" TEXT COLLATE "C";
