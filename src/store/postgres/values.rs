//! How statements are put to PostgreSQL, and its rows read.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgConnection, PgRow, PgTypeInfo, Postgres};
use sqlx::{Arguments as _, AssertSqlSafe, Decode, Encode, Row as _, Type, TypeInfo as _, ValueRef as _};
use tokio::time::timeout;

use crate::store::driver::OwnWords;
use crate::store::statement::{Datum, FetchedRow, Statement};

/// Longer than any statement of ours takes: a server that says nothing for so long is not there any more.
const ANSWER: Duration = Duration::from_secs(900);

pub(super) const OWN_WORDS: OwnWords = OwnWords {
    columns: "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT),
          CAST(CASE WHEN a.attnum = ANY (i.indkey) THEN 1 ELSE 0 END AS BIGINT)
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
        WHERE c.relkind = 'r' AND c.relnamespace = CAST(current_schema() AS regnamespace)
          AND c.relname <> '_sqlx_migrations' ORDER BY c.relname, a.attnum",
    triggers: "SELECT DISTINCT 'ALTER TABLE ' || c.relname || ' DISABLE TRIGGER USER',
          'ALTER TABLE ' || c.relname || ' ENABLE TRIGGER USER'
        FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND c.relnamespace = CAST(current_schema() AS regnamespace)",
    trigger: "SELECT 'ALTER TABLE ' || c.relname || ' DISABLE TRIGGER ' || t.tgname,
          'ALTER TABLE ' || c.relname || ' ENABLE TRIGGER ' || t.tgname
        FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND c.relnamespace = CAST(current_schema() AS regnamespace) AND t.tgname = $1",
    leaf_lines: "SELECT COUNT(*), COALESCE(MIN(seq), 0), COALESCE(MAX(seq), 0),
          COALESCE(string_agg(leaf, chr(10) ORDER BY seq), '')
        FROM (SELECT seq, leaf FROM event WHERE seq >= $1 ORDER BY seq LIMIT $2) AS page",
    packed: None,
};

/// Puts a statement and reads its rows.
pub(super) async fn fetch(connection: &mut PgConnection, statement: Statement) -> Result<Vec<FetchedRow>, sqlx::Error> {
    let (sql, arguments) = put(statement).map_err(sqlx::Error::Encode)?;
    let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
    let rows = timeout(ANSWER, query.fetch_all(connection)).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    rows.iter().map(row).collect()
}

fn put(statement: Statement) -> Result<(Cow<'static, str>, PgArguments), BoxDynError> {
    let Statement { sql, args, row } = statement;
    let mut arguments = PgArguments::default();
    let Some(columns) = row else {
        let sql = if matches!(args.last(), Some(Datum::List(_))) { among(&sql, args.len()).into() } else { sql };
        for value in args {
            add(&mut arguments, value)?;
        }
        return Ok((sql, arguments));
    };
    // One argument a column: a statement of a thousand rows has the text of any other, and is prepared once.
    let columns = columnwise(args, columns);
    let sql = unnested(&sql, &columns);
    for column in columns.into_iter().filter(|column| kind(column).is_some()) {
        add_array(&mut arguments, column)?;
    }
    Ok((sql.into(), arguments))
}

/// `key IN ($3)` with a list for its last argument.
fn among(sql: &str, argument: usize) -> String {
    sql.replace(&format!("IN (${argument})"), &format!("= ANY (${argument})"))
}

/// The values of many rows as those of columns.
fn columnwise(args: Vec<Datum>, columns: usize) -> Vec<Vec<Datum>> {
    let mut found: Vec<Vec<Datum>> = vec![Vec::with_capacity(args.len() / columns.max(1)); columns];
    for (n, value) in args.into_iter().enumerate() {
        found[n % columns].push(value);
    }
    found
}

/// The insertion of one row as one of columns. A column of nothing has no type, and needs no place among the arguments.
fn unnested(sql: &str, columns: &[Vec<Datum>]) -> String {
    let Some((head, rest)) = sql.split_once("VALUES (") else { return sql.to_string() };
    let tail = rest.split_once(')').map_or("", |(_, tail)| tail);
    let (mut values, mut arrays, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for column in columns {
        let Some(kind) = kind(column) else {
            // Untyped, it takes the type of the column it goes into; an array of nothing would be of text.
            values.push("NULL".to_string());
            continue;
        };
        let n = names.len() + 1;
        values.push(format!("r.c{n}"));
        names.push(format!("c{n}"));
        arrays.push(format!("CAST(${n} AS {kind}[])"));
    }
    let mut text = format!("{head}SELECT {} FROM UNNEST(", values.join(", "));
    let _ = write!(text, "{}) AS r({}){tail}", arrays.join(", "), names.join(", "));
    text
}

/// What a column is of: the kind of the first value there is.
fn kind(column: &[Datum]) -> Option<&'static str> {
    column.iter().find_map(|value| match value {
        Datum::Null | Datum::List(_) => None,
        Datum::Integer(_) => Some("BIGINT"),
        Datum::Text(_) => Some("TEXT"),
        Datum::Bytes(_) => Some("BYTEA"),
    })
}

fn add(arguments: &mut PgArguments, value: Datum) -> Result<(), BoxDynError> {
    match value {
        Datum::Null => arguments.add(Nothing),
        Datum::Integer(value) => arguments.add(value),
        Datum::Text(value) => arguments.add(value),
        Datum::Bytes(value) => arguments.add(value),
        Datum::List(values) => add_array(arguments, values),
    }
}

fn add_array(arguments: &mut PgArguments, values: Vec<Datum>) -> Result<(), BoxDynError> {
    match kind(&values) {
        Some("BIGINT") => arguments.add(values.into_iter().map(integer).collect::<Vec<_>>()),
        Some("BYTEA") => arguments.add(values.into_iter().map(bytes).collect::<Vec<_>>()),
        _ => arguments.add(values.into_iter().map(text).collect::<Vec<_>>()),
    }
}

fn integer(value: Datum) -> Option<i64> {
    if let Datum::Integer(value) = value { Some(value) } else { None }
}

fn text(value: Datum) -> Option<String> {
    if let Datum::Text(value) = value { Some(value) } else { None }
}

fn bytes(value: Datum) -> Option<Vec<u8>> {
    if let Datum::Bytes(value) = value { Some(value) } else { None }
}

/// An argument that is not there, of the type its place asks for.
struct Nothing;

/// The server's own word for "to be found out".
const UNKNOWN: Oid = Oid(705);

impl Type<Postgres> for Nothing {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(UNKNOWN)
    }
}

impl Encode<'_, Postgres> for Nothing {
    fn encode_by_ref(&self, _buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

fn row(row: &PgRow) -> Result<FetchedRow, sqlx::Error> {
    Ok(FetchedRow::new((0..row.len()).map(|n| value(row, n)).collect::<Result<_, _>>()?))
}

fn value(row: &PgRow, n: usize) -> Result<Datum, sqlx::Error> {
    let raw = row.try_get_raw(n)?;
    if raw.is_null() {
        return Ok(Datum::Null);
    }
    let kind = raw.type_info().into_owned();
    let value = match kind.name() {
        "INT8" => <i64 as Decode<Postgres>>::decode(raw).map(Datum::Integer),
        // What the catalogue of the server answers, and not our tables.
        "INT4" => <i32 as Decode<Postgres>>::decode(raw).map(|value| Datum::Integer(value.into())),
        "BYTEA" => <Vec<u8> as Decode<Postgres>>::decode(raw).map(Datum::Bytes),
        _ => <String as Decode<Postgres>>::decode(raw).map(Datum::Text),
    };
    value.map_err(sqlx::Error::Decode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_put_as_columns_and_a_column_of_nothing_as_nothing() {
        let rows = [(1_i64, "a"), (2, "b")].map(|(n, text)| [Datum::from(n), Datum::Null, Datum::from(text)]);
        let insert = Statement::of_rows("INSERT INTO t (n, x, s) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", rows);
        let (sql, arguments) = put(insert).unwrap();
        assert_eq!(
            sql,
            "INSERT INTO t (n, x, s) SELECT r.c1, NULL, r.c2 FROM UNNEST(CAST($1 AS BIGINT[]), CAST($2 AS TEXT[])) \
             AS r(c1, c2) ON CONFLICT DO NOTHING"
        );
        assert_eq!(arguments.len(), 2);
    }

    #[test]
    fn a_list_is_one_argument() {
        let delete = Statement::new("DELETE FROM t WHERE a = $1 AND key IN ($2)").with("f").with_list([1_i64, 2]);
        let (sql, arguments) = put(delete).unwrap();
        assert_eq!((sql.as_ref(), arguments.len()), ("DELETE FROM t WHERE a = $1 AND key = ANY ($2)", 2));
    }
}
