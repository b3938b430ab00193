using System.Text;
using Engine.Tables.Csv;

namespace Engine.Tests.Tables;

/// <summary>Ids that a spreadsheet would compute.</summary>
public sealed class SpreadsheetTextTests
{
    [Theory]
    [InlineData("=HYPERLINK(1)", "'=HYPERLINK(1)")]
    [InlineData("+cmd|1", "'+cmd|1")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("@SUM(1)", "'@SUM(1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\n=1", "'\n=1")]
    [InlineData("\uFF1D1+1", "'\uFF1D1+1")]
    [InlineData("\uFF0B1", "'\uFF0B1")]
    [InlineData("\uFF0Dx", "'\uFF0Dx")]
    [InlineData("\uFF20A1", "'\uFF20A1")]
    [InlineData("-", "'-")]
    [InlineData("+1/2", "'+1/2")]
    [InlineData("'=1", "''=1")]
    [InlineData("''@", "'''@")]
    [InlineData("+4912345", "+4912345")]
    [InlineData("-5.1", "-5.1")]
    [InlineData("C0000001", "C0000001")]
    [InlineData("'quoted", "'quoted")]
    [InlineData("a=b", "a=b")]
    [InlineData("", "")]
    public void Formulas_get_a_mark_and_every_text_comes_back(string id, string cell)
    {
        Assert.Equal(cell, Encoding.UTF8.GetString(SpreadsheetText.Write(Encoding.UTF8.GetBytes(id))));
        Assert.Equal(id, SpreadsheetText.Read(cell));

        // The console has the rule, too.
        var quoted = cell.IndexOfAny(['\r', '\n']) < 0 ? cell : $"\"{cell}\"";
        Assert.Equal(quoted, Engine.WebConsole.Calls.FileAnswer.Cell(id));
    }
}
