-- The oldest version that can use the store, by the newest migration that it knows. A migration that older versions
-- cannot work with writes its own name here.
ALTER TABLE "counters" ADD COLUMN "readable_by" TEXT COLLATE "C" NOT NULL DEFAULT '20261130190500_readable_by';
