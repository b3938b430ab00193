namespace Engine.Datasets.Mapping;

/// <summary>The types of product tags.</summary>
public enum TagType
{
    /// <summary>One text.</summary>
    Text,

    /// <summary>Several texts in one cell, with a separator or as a JSON array.</summary>
    Multi,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A date; a time of day is cut off.</summary>
    Date,
}
