namespace Engine.Tables.Rows;

/// <summary>Why the current row has no trustworthy cells.</summary>
public enum RowFault
{
    /// <summary>The row is whole: it has as many cells as the header.</summary>
    None,

    /// <summary>The row has fewer or more cells than the header.</summary>
    WrongCellCount,

    /// <summary>
    /// A quoted cell is not closed, or text follows its closing quote. Only the row's first line is given up.
    /// </summary>
    BrokenQuotes,
}
