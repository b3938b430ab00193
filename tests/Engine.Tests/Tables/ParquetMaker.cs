using ParquetSharp;
using ParquetSharp.Schema;

namespace Engine.Tests.Tables;

/// <summary>
/// One column of a made file: its declaration, its stored values and the text that each must be read as.
/// </summary>
internal abstract record MadeColumn(string Name, LogicalType Logical, PhysicalType Physical, int Length)
{
    /// <summary>The right text of every value.</summary>
    public abstract string[] Text { get; }

    public void Write(ColumnWriter writer, short[]? definitions, bool[] present) =>
        WriteValues(writer, definitions, present);

    protected abstract void WriteValues(ColumnWriter writer, short[]? definitions, bool[] present);
}

/// <inheritdoc/>
internal sealed record MadeColumn<T>(
    string Name, LogicalType Logical, PhysicalType Physical, T[] Values, string[] Right, int Length = -1)
    : MadeColumn(Name, Logical, Physical, Length)
    where T : unmanaged
{
    public override string[] Text => Right;

    protected override void WriteValues(ColumnWriter writer, short[]? definitions, bool[] present)
    {
        var values = present.Select((there, row) => (there, row)).Where(p => p.there)
            .Select(p => Values[p.row % Values.Length]).ToArray();
        if (definitions is null)
        {
            ((ColumnWriter<T>)writer).WriteBatch(values);
        }
        else
        {
            ((ColumnWriter<T>)writer).WriteBatch(present.Length, definitions, default, values);
        }
    }
}

/// <summary>Writes Parquet files with every choice that the format leaves to a writer.</summary>
internal static class ParquetMaker
{
    public static void Write(
        string path,
        IReadOnlyList<MadeColumn> columns,
        int rows,
        int nullEvery,
        Action<WriterPropertiesBuilder> choose,
        int groups = 1)
    {
        using var builder = new WriterPropertiesBuilder();
        choose(builder);
        using var properties = builder.Build();
        var repetition = nullEvery > 0 ? Repetition.Optional : Repetition.Required;
        using var schema = new GroupNode("schema", Repetition.Required, [.. columns.Select(column =>
            (Node)new PrimitiveNode(column.Name, repetition, column.Logical, column.Physical, column.Length))]);
        using var writer = new ParquetFileWriter(path, schema, properties);
        var present = Enumerable.Range(0, rows).Select(row => !IsNull(row, nullEvery)).ToArray();
        var definitions = nullEvery > 0 ? present.Select(there => (short)(there ? 1 : 0)).ToArray() : null;
        for (var i = 0; i < groups; i++)
        {
            using var group = writer.AppendRowGroup();
            foreach (var column in columns)
            {
                using var cells = group.NextColumn();
                column.Write(cells, definitions, present);
            }
        }

        writer.Close();
    }

    public static bool IsNull(int row, int nullEvery) => nullEvery > 0 && row % nullEvery == 0;
}
