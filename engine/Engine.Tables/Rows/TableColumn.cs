namespace Engine.Tables.Rows;

/// <summary>The types of a written column. CSV writes all of them as text in invariant form.</summary>
public enum ColumnType
{
    /// <summary>UTF-8 text.</summary>
    Text,

    /// <summary>A 64-bit whole number.</summary>
    WholeNumber,

    /// <summary>A 64-bit floating-point number.</summary>
    Number,

    /// <summary>A date and time without zone, to the millisecond.</summary>
    Time,
}

/// <summary>One column of a table to be written.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">What its cells are.</param>
public sealed record TableColumn(string Name, ColumnType Type);
