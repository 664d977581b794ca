import { testKindContract } from '../contract.ts';
import { IMPORT, openScene } from './scene.ts';

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i},"name\n${from + i}",${i % 90}\n`).join('');

testKindContract('import of several sources', IMPORT, () =>
  openScene({
    files: {
      'a.csv': `id,name,age\n${rows(0, 9000)}`,
      'b.csv': `\ufeffage,id,name\r\n7,20000,x\r\n\r\n`,
      'c.csv': 'id,name,age\n',
      'd.csv': `ID,age\n30000,1\n\n30001,2`,
    },
  }),
);

testKindContract('import by a key, without a header', IMPORT, () =>
  openScene({
    files: { 'a.csv': `skipped\n${rows(0, 5000)}`, 'b.csv': `skipped\n${rows(5000, 9100)}` },
    columns: [
      { name: 'id', type: 'INT', primaryKey: true },
      { name: 'name', type: 'VARCHAR(20)', nullable: false },
      { name: 'age', type: 'NUMERIC', default: '-1' },
    ],
    csv: { header: false, skip: 1 },
  }),
);
