using Engine.Snapshots.Manifest;

namespace Engine.Snapshots.Mapping;

/// <summary>The values of one tag column in mapped memory; which views are filled follows from the type.</summary>
public sealed class MappedTag
{
    internal MappedTag(TagSchema column) => Column = column;

    /// <summary>Name, alias, type.</summary>
    public TagSchema Column { get; }

    /// <summary>Multi-valued text: where each product's codes start; products + 1.</summary>
    public MappedArray<long> Offsets { get; internal init; }

    /// <summary>Text: one code a product, -1 for none. Multi-valued text: the codes of all products.</summary>
    public MappedArray<int> Codes { get; internal init; }

    /// <summary>Text: the distinct values; codes are places in it.</summary>
    public StringTable Words { get; internal init; }

    /// <summary>Number: one a product, NaN for none.</summary>
    public MappedArray<double> Numbers { get; internal init; }

    /// <summary>
    /// Date: microseconds since 1970-01-01 of the dataset's clock, <see cref="long.MinValue"/> for none.
    /// </summary>
    public MappedArray<long> Times { get; internal init; }

    /// <summary>Says what is wrong with the values, or null.</summary>
    internal string? FindProblem() => Column.Type switch
    {
        TagValueType.Text => Words.FindProblem() ?? Mapping.Offsets.FindOutside(Codes, -1, Words.Count),
        TagValueType.MultiText => Words.FindProblem() ?? Mapping.Offsets.FindProblem(new(Offsets), Codes.Length) ??
            Mapping.Offsets.FindOutside(Codes, 0, Words.Count),
        _ => null,
    };
}
