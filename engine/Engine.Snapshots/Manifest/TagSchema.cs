using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>One product tag.</summary>
[MessagePackObject]
public sealed record TagSchema
{
    /// <summary>The column of the product table.</summary>
    [Key("column")]
    public required string Column { get; init; }

    /// <summary>What people call it.</summary>
    [Key("alias")]
    public required string Alias { get; init; }

    /// <summary>What its values are.</summary>
    [Key("type")]
    public required TagValueType Type { get; init; }

    /// <summary>A statistic of behavior (90-day sales): kept out of training, usable in pool rules.</summary>
    [Key("statistical")]
    public required bool Statistical { get; init; }
}

/// <summary>What the values of a tag are. The numbers are in files: never reuse one.</summary>
public enum TagValueType
{
    /// <summary>One text a product.</summary>
    Text = 1,

    /// <summary>Any number of texts a product.</summary>
    MultiText = 2,

    /// <summary>A number.</summary>
    Number = 3,

    /// <summary>A date or a time.</summary>
    Date = 4,
}
