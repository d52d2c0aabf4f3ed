// Writes the Parquet files beside this one, by three programs that share no code with the reader: DuckDB, the
// Parquet library of Apache Arrow in Rust, and hyparquet-writer. The values follow from the number of the row;
// ../golden_test.go has the same rules. It needs Node.js and, beside it,
//
//	npm install @duckdb/node-api@1.5.6-r.1 parquet-wasm@0.8.0 apache-arrow hyparquet-writer@0.17.0
//
// and is run as: node write.mjs FOLDER
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as arrow from 'apache-arrow'
import { DuckDBInstance } from '@duckdb/node-api'
import * as wasm from 'parquet-wasm/node'
import { parquetWriteBuffer } from 'hyparquet-writer'

const folder = process.argv[2] ?? '.'
const rows = 300
const each = f => Array.from({ length: rows }, (_, i) => f(i))
const bytes = i => i % 97 === 5 || i % 7 === 3 ? null : Uint8Array.from({ length: i % 13 }, (_, k) => (31 * i + 7 * k) & 255)
const path = i => i % 97 === 5 || i % 5 === 4 ? null : `train/${i}.png`
const label = i => BigInt((i * i * 7919) % 10 - 1)
const big = i => i % 6 === 1 ? null : BigInt(i) * 1234567890123n * (i % 2 ? -1n : 1n)
const small = i => (i * 40503) % 2000 - 1000
const name = i => i % 19 === 2 ? null : `species-${i % 17}/${i >> 3}`
const kind = i => ['cat', 'dog', 'emu'][i % 3]
const flag = i => i % 11 === 0 ? null : i % 3 === 0
const real = i => i / 7
const single = i => Math.fround(i / 3)
const metadata = '{"info": {"features": {"label": {"names": ["a", "b"], "_type": "ClassLabel"}}}}'

// DuckDB
const duck = await (await DuckDBInstance.create()).connect()
await duck.run(`CREATE TABLE t AS SELECT
  CASE WHEN i%97=5 THEN NULL ELSE {
    'bytes': CASE WHEN i%7=3 THEN NULL ELSE from_hex(array_to_string([printf('%02x', (31*i+7*k)&255) for k in range(i%13)], '')) END,
    'path': CASE WHEN i%5=4 THEN NULL ELSE 'train/'||i||'.png' END} END AS image,
  ((i*i*7919)%10-1)::BIGINT AS label,
  CASE WHEN i%6=1 THEN NULL ELSE i*1234567890123*(CASE WHEN i%2=1 THEN -1 ELSE 1 END) END::BIGINT AS big,
  ((i*40503)%2000-1000)::INTEGER AS small,
  CASE WHEN i%19=2 THEN NULL ELSE 'species-'||(i%17)||'/'||(i>>3) END AS name,
  (['cat','dog','emu'])[1+(i%3)::INTEGER] AS kind,
  CASE WHEN i%11=0 THEN NULL ELSE i%3=0 END AS flag,
  (i/7)::DOUBLE AS real, (i/3)::FLOAT AS single,
  [i, i+1] AS list
  FROM range(${rows}) r(i)`)
for (const [file, options] of [
  ['duckdb-snappy', 'COMPRESSION snappy'],
  ['duckdb-zstd-v2', 'COMPRESSION zstd, PARQUET_VERSION V2'],
  ['duckdb-gzip', 'COMPRESSION gzip'],
  ['duckdb-brotli', 'COMPRESSION brotli'],
]) {
  await duck.run(`COPY t TO '${join(folder, file)}.parquet' (FORMAT parquet, ${options}, KV_METADATA {huggingface: '${metadata}'})`)
}

// Arrow in Rust
const list = (values, type) => arrow.vectorFromArray(values, type)
const image = new arrow.Struct([new arrow.Field('bytes', new arrow.Binary(), true), new arrow.Field('path', new arrow.Utf8(), true)])
const table = new arrow.Table({
  image: list(each(i => i % 97 === 5 ? null : { bytes: bytes(i), path: path(i) }), image),
  label: list(each(label), new arrow.Int64()), big: list(each(big), new arrow.Int64()),
  small: list(each(small), new arrow.Int32()), name: list(each(name), new arrow.Utf8()),
  kind: list(each(kind), new arrow.Utf8()), flag: list(each(flag), new arrow.Bool()),
  real: list(each(real), new arrow.Float64()), single: list(each(single), new arrow.Float32()),
})
const ipc = arrow.tableToIPC(table, 'stream')
for (const [file, set] of [
  ['arrow-zstd', p => p.setCompression(wasm.Compression.ZSTD).setDataPageSizeLimit(700).setWriteBatchSize(64)],
  ['arrow-delta-v2', p => p.setCompression(wasm.Compression.SNAPPY).setWriterVersion(wasm.WriterVersion.V2)
    .setDictionaryEnabled(false).setMaxRowGroupSize(128).setDataPageSizeLimit(400).setWriteBatchSize(32)],
  ['arrow-lengths', p => p.setCompression(wasm.Compression.UNCOMPRESSED).setDictionaryEnabled(false)
    .setColumnEncoding('name', wasm.Encoding.DELTA_LENGTH_BYTE_ARRAY).setColumnEncoding('image.bytes', wasm.Encoding.DELTA_LENGTH_BYTE_ARRAY)
    .setColumnEncoding('big', wasm.Encoding.DELTA_BINARY_PACKED).setColumnEncoding('small', wasm.Encoding.DELTA_BINARY_PACKED)],
]) {
  const properties = set(new wasm.WriterPropertiesBuilder().setKeyValueMetadata(new Map([['huggingface', metadata]]))).build()
  writeFileSync(join(folder, file + '.parquet'), wasm.writeParquet(wasm.Table.fromIPCStream(ipc), properties))
}

// hyparquet-writer: a structure is written column by column
const optional = (name, type, more) => ({ name, type, repetition_type: 'OPTIONAL', ...more })
writeFileSync(join(folder, 'hyparquet.parquet'), new Uint8Array(parquetWriteBuffer({
  schema: [{ name: 'root', num_children: 9 },
    { name: 'image', repetition_type: 'OPTIONAL', num_children: 2 }, optional('bytes', 'BYTE_ARRAY'),
    optional('path', 'BYTE_ARRAY', { converted_type: 'UTF8' }),
    { name: 'label', type: 'INT64', repetition_type: 'REQUIRED' }, optional('big', 'INT64'),
    { name: 'small', type: 'INT32', repetition_type: 'REQUIRED' }, optional('name', 'BYTE_ARRAY', { converted_type: 'UTF8' }),
    { name: 'kind', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED', converted_type: 'UTF8' }, optional('flag', 'BOOLEAN'),
    { name: 'real', type: 'DOUBLE', repetition_type: 'REQUIRED' }, { name: 'single', type: 'FLOAT', repetition_type: 'REQUIRED' }],
  columnData: [
    { name: 'image', data: each(i => i % 97 === 5 ? null : { bytes: bytes(i), path: path(i) }) },
    { name: 'label', data: each(label) }, { name: 'big', data: each(big) }, { name: 'small', data: each(small) },
    { name: 'name', data: each(name) }, { name: 'kind', data: each(kind) }, { name: 'flag', data: each(flag) },
    { name: 'real', data: each(real) }, { name: 'single', data: each(single) }],
  rowGroupSize: 100, kvMetadata: [{ key: 'huggingface', value: metadata }],
})))
