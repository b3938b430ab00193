using Engine.Datasets.Behaviors;
using Engine.Datasets.Mapping;
using Engine.Kernels;
using Engine.Tables.Rows;

namespace Trainer.Data.Reading;

/// <summary>How many cells of a tag could not be read, and the first of them.</summary>
internal sealed class UnreadableTag(string column, TagType type)
{
    private const int MostShown = 40;

    private long _count;
    private string _first = "";
    private bool _hasComma;

    /// <summary>Products whose cell is not empty.</summary>
    public long Filled { get; set; }

    /// <summary>As <see cref="TagBuilder.Uncut"/>.</summary>
    public string? Uncut { get; set; }

    /// <summary>Counts the reader's current cell.</summary>
    public void Add(TableReader row, int cell)
    {
        if (_count++ == 0)
        {
            var text = row.Text(cell);
            _hasComma = type == TagType.Number && text.Contains(',') && NumberText.IsCommaNumber(text.ToString());
            var shown = text[..Math.Min(text.Length, MostShown)].ToString();
            _first = InvariantText.Of($"'{shown}' ({Path.GetFileName(row.File)}, line {row.Line})");
        }
    }

    /// <summary>A sentence when all cells are empty, or one in twenty or more is unreadable; else null.</summary>
    public string? Warning() => Filled == 0
        ? $"The tag '{column}' is empty in all rows of the product table: rules on it find no product. If it should "
            + "have values, write the table again; else leave the tag out of the mapping."
        : Uncut is not null
        ? $"No value of the multi-valued tag '{column}' is a list: '{Uncut[..Math.Min(Uncut.Length, MostShown)]}' "
            + "counts as one value. If it is several, set the tag's separator."
        : _count * 20 < Filled || _count == 0
        ? null
        : InvariantText.Of(
            $"{_count:N0} of {Filled:N0} values of the tag '{column}' are no "
            + $"{(type == TagType.Multi ? "JSON list" : type.ToString().ToLowerInvariant())} and "
            + $"were left empty, for example {_first}. Rules on the tag do not find these products: "
            + $"{(_hasComma ? "set product.decimal_comma if the comma is the decimal sign, " : "")}correct the "
            + $"values, or the tag's type.");
}
