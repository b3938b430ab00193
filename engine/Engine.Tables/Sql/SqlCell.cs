using System.Globalization;
using System.Text;
using Engine.Tables.Rows;
using MySqlConnector;

namespace Engine.Tables.Sql;

/// <summary>Reads the cells of one column of a query by its declared type.</summary>
/// <remarks>
/// What becomes of odd values: decimals keep every digit as text; zero dates (<c>0000-00-00</c>, <c>2021-00-15</c>) are
/// null; times are cut to the millisecond when they are stored; bytes are taken as UTF-8; JSON and sets are their text.
/// </remarks>
internal abstract class SqlCell(int ordinal, ColumnType type, ColumnType? compared = null)
{
    /// <summary>Digits that .NET's decimal keeps all of.</summary>
    private const int LongestDecimal = 28;

    /// <summary>The type under which the cells are stored.</summary>
    public ColumnType Type { get; } = type;

    /// <summary>
    /// The type by which the server compares them: a number that no 64-bit type holds is stored as text.
    /// </summary>
    public ColumnType Compared { get; } = compared ?? type;

    protected int Ordinal { get; } = ordinal;

    /// <summary>
    /// One cell reader for each column. Errors: <see cref="TableException"/> for geometry and vectors.
    /// </summary>
    public static SqlCell[] All(MySqlDataReader rows)
    {
        var schema = rows.GetColumnSchema();
        var cells = new SqlCell[schema.Count];
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] = For((MySqlDbColumn)schema[i], i);
        }

        return cells;
    }

    /// <summary>Whether the current row has no value.</summary>
    public virtual bool IsNull(MySqlDataReader rows) => rows.IsDBNull(Ordinal);

    /// <summary>The value as text; valid until the next call.</summary>
    public abstract ReadOnlySpan<char> Text(MySqlDataReader rows);

    /// <summary>Writes the value, or an empty cell.</summary>
    public void Copy(MySqlDataReader rows, TableWriter writer)
    {
        if (IsNull(rows))
        {
            writer.WriteNull();
        }
        else
        {
            Write(rows, writer);
        }
    }

    protected abstract void Write(MySqlDataReader rows, TableWriter writer);

    private static SqlCell For(MySqlDbColumn column, int i) => column.ProviderType switch
    {
        MySqlDbType.Byte or MySqlDbType.Int16 or MySqlDbType.Int24 or MySqlDbType.Int32 or MySqlDbType.Int64
            or MySqlDbType.Year
            or MySqlDbType.UByte or MySqlDbType.UInt16 or MySqlDbType.UInt24 or MySqlDbType.UInt32 => new Whole(i),
        MySqlDbType.UInt64 =>
            new Characters(i, rows => rows.GetUInt64(i).ToString(CultureInfo.InvariantCulture), ColumnType.WholeNumber),
        MySqlDbType.Bit =>
            new Characters(i, rows => rows.GetFieldValue<ulong>(i).ToString(CultureInfo.InvariantCulture)),
        MySqlDbType.Decimal or MySqlDbType.NewDecimal when column.NumericPrecision is > 0 and <= LongestDecimal =>
            new Decimals(i, DecimalType(column)),
        MySqlDbType.Decimal or MySqlDbType.NewDecimal =>
            new Characters(i, rows => rows.GetMySqlDecimal(i).ToString(), DecimalType(column)),
        MySqlDbType.Float =>
            new Numbers(
                i,
                rows => double.Parse(
                    rows.GetFloat(i).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)),
        MySqlDbType.Double => new Numbers(i, rows => rows.GetDouble(i)),
        MySqlDbType.Date or MySqlDbType.DateTime or MySqlDbType.Timestamp or MySqlDbType.Newdate => new Times(i),
        MySqlDbType.Time => new Characters(i, rows => rows.GetTimeSpan(i).ToString("c", CultureInfo.InvariantCulture)),
        MySqlDbType.Binary or MySqlDbType.VarBinary or MySqlDbType.TinyBlob or MySqlDbType.Blob
            or MySqlDbType.MediumBlob
            or MySqlDbType.LongBlob =>
                new Characters(i, rows => Encoding.UTF8.GetString(rows.GetFieldValue<byte[]>(i))),
        MySqlDbType.Geometry or MySqlDbType.Vector => throw new TableException(
            $"the column '{column.ColumnName}' has the type {column.DataTypeName}; "
            + "text, a number, a date or a time was expected. Leave it out of the mapping."),
        _ => new Characters(i, rows => rows.GetString(i)),
    };

    private static ColumnType DecimalType(MySqlDbColumn column) =>
        column.NumericScale is 0 ? ColumnType.WholeNumber : ColumnType.Number;

    private sealed class Characters(
        int ordinal, Func<MySqlDataReader, string> read, ColumnType compared = ColumnType.Text)
        : SqlCell(ordinal, ColumnType.Text, compared)
    {
        public override ReadOnlySpan<char> Text(MySqlDataReader rows) => read(rows);

        protected override void Write(MySqlDataReader rows, TableWriter writer) => writer.Write(read(rows));
    }

    private sealed class Decimals(int ordinal, ColumnType compared) : SqlCell(ordinal, ColumnType.Text, compared)
    {
        private readonly char[] _text = new char[LongestDecimal + 3];

        public override ReadOnlySpan<char> Text(MySqlDataReader rows)
        {
            rows.GetDecimal(Ordinal).TryFormat(_text, out var length, default, CultureInfo.InvariantCulture);
            return _text.AsSpan(0, length);
        }

        protected override void Write(MySqlDataReader rows, TableWriter writer) => writer.Write(Text(rows));
    }

    private sealed class Whole(int ordinal) : SqlCell(ordinal, ColumnType.WholeNumber)
    {
        private readonly char[] _text = new char[20];

        public override ReadOnlySpan<char> Text(MySqlDataReader rows)
        {
            rows.GetInt64(Ordinal).TryFormat(_text, out var length, default, CultureInfo.InvariantCulture);
            return _text.AsSpan(0, length);
        }

        protected override void Write(MySqlDataReader rows, TableWriter writer) => writer.Write(rows.GetInt64(Ordinal));
    }

    private sealed class Numbers(int ordinal, Func<MySqlDataReader, double> read) : SqlCell(ordinal, ColumnType.Number)
    {
        private readonly char[] _text = new char[32];

        public override ReadOnlySpan<char> Text(MySqlDataReader rows)
        {
            read(rows).TryFormat(_text, out var length, default, CultureInfo.InvariantCulture);
            return _text.AsSpan(0, length);
        }

        protected override void Write(MySqlDataReader rows, TableWriter writer) => writer.Write(read(rows));
    }

    private sealed class Times(int ordinal) : SqlCell(ordinal, ColumnType.Time)
    {
        private readonly char[] _text = new char[40];

        public override bool IsNull(MySqlDataReader rows) =>
            base.IsNull(rows) || !rows.GetMySqlDateTime(Ordinal).IsValidDateTime;

        public override ReadOnlySpan<char> Text(MySqlDataReader rows)
        {
            var time = rows.GetMySqlDateTime(Ordinal).GetDateTime();
            time.TryFormat(
                _text,
                out var length,
                time.Ticks % TimeSpan.TicksPerSecond == 0 ? "s" : "yyyy-MM-ddTHH:mm:ss.fffffff",
                CultureInfo.InvariantCulture);
            return _text.AsSpan(0, length);
        }

        protected override void Write(MySqlDataReader rows, TableWriter writer) =>
            writer.Write(rows.GetMySqlDateTime(Ordinal).GetDateTime());
    }
}
