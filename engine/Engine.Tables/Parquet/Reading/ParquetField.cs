using Engine.Tables.Rows;
using ParquetSharp;
using ParquetSharp.Schema;

namespace Engine.Tables.Parquet.Reading;

/// <summary>One column of a Parquet file as the file declares it: a value or a list of values in each row.</summary>
internal sealed class ParquetField
{
    private readonly string? _shape;

    public ParquetField(string file, ColumnDescriptor descriptor, Node root, int leaf, bool single)
    {
        File = file;
        Name = root.Name;
        Leaf = leaf;
        Physical = descriptor.PhysicalType;
        Length = descriptor.TypeLength;
        MaxDefinition = descriptor.MaxDefinitionLevel;
        IsList = descriptor.MaxRepetitionLevel > 0;
        using var logical = descriptor.LogicalType;
        Annotation = logical.Type;
        (Unit, Scale, Unsigned) = logical switch
        {
            TimestampLogicalType time => (time.TimeUnit, 0, false),
            TimeLogicalType time => (time.TimeUnit, 0, false),
            DecimalLogicalType number => (default, number.Scale, false),
            IntLogicalType number => (default(TimeUnit), 0, !number.IsSigned),
            _ => (default, 0, false),
        };
        Type = Annotation == LogicalTypeEnum.None ? Physical.ToString() : $"{Physical} with the annotation {logical}";
        _shape = Shape(root, single);
        if (IsList && _shape is null)
        {
            ElementLevel = MaxDefinition - (LeafIsOptional(root) ? 1 : 0);
        }
    }

    public string File { get; }

    public string Name { get; }

    /// <summary>The number of the stored column, which counts the members of nested columns one by one.</summary>
    public int Leaf { get; }

    public PhysicalType Physical { get; }

    public LogicalTypeEnum Annotation { get; }

    /// <summary>The unit of a time.</summary>
    public TimeUnit Unit { get; }

    /// <summary>Digits of a decimal behind the point.</summary>
    public int Scale { get; }

    /// <summary>Bytes of a value of fixed length.</summary>
    public int Length { get; }

    /// <summary>Whether a whole number has no sign.</summary>
    public bool Unsigned { get; }

    /// <summary>The definition level of a value that is present; 0 when every row has one.</summary>
    public short MaxDefinition { get; }

    public bool IsList { get; }

    /// <summary>In a list, the least definition level of an element; below it the list is null or empty.</summary>
    public int ElementLevel { get; }

    /// <summary>The declared type, for messages.</summary>
    public string Type { get; }

    /// <summary>Why the column is not read at all; null when it can be.</summary>
    public TableColumnException? Refusal => _shape is not null
        ? Refuse(
            $"is {_shape}; a value or a list of values in each row was expected. "
            + "Write its parts as columns of their own")
        : ParquetColumns.Find(this) is not null
            ? null
            : Refuse(
                $"has the type {Type}; text, a number, a date, a time or a list of these was expected. Convert it");

    /// <summary>An error of this column: the file and the column, then what is given.</summary>
    public TableColumnException Refuse(string what, Exception? inner = null) =>
        new(Name, $"{File}: the column '{Name}' {what}, or leave it out of the mapping.", inner);

    private static string? Shape(Node root, bool single)
    {
        if (root is not GroupNode group)
        {
            return null;
        }

        using var logical = root.LogicalType;
        if (!single || logical.Type != LogicalTypeEnum.List || root.Repetition == Repetition.Repeated
            || group.FieldCount != 1)
        {
            return logical.Type is LogicalTypeEnum.None or LogicalTypeEnum.Undefined
                ? "a structure"
                : $"of the type {logical}";
        }

        using var middle = group.Field(0);
        if (middle.Repetition != Repetition.Repeated)
        {
            return "a structure";
        }

        if (middle is not GroupNode inner)
        {
            return null;
        }

        using var element = inner.Field(0);
        return element is GroupNode || element.Repetition == Repetition.Repeated
            ? "a list of structures or of lists"
            : null;
    }

    private static bool LeafIsOptional(Node root)
    {
        if (root is not GroupNode group)
        {
            return false;
        }

        using var middle = group.Field(0);
        if (middle is not GroupNode inner)
        {
            return false;
        }

        using var element = inner.Field(0);
        return element.Repetition == Repetition.Optional;
    }
}
