-- AlterTable
ALTER TABLE "Database" ADD COLUMN "madeBy" BIGINT;

-- CreateIndex
CREATE INDEX "Database_madeBy_idx" ON "Database"("madeBy");
