using Engine.Server.Results;
using Tests.Shared;

namespace Engine.Tests.Batch;

/// <summary>Audiences from batch results: by product and rank, or by score.</summary>
public sealed class ResultUsersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("A", 1, int.MaxValue, null, "u1 u2 u3")]
    [InlineData("A", 1, 2, null, "u1 u2")]
    [InlineData("A", 2, 3, null, "u2 u3")]
    [InlineData("A", 1, int.MaxValue, 0.5f, "u1 u3")]
    [InlineData("B", 1, 1, null, "")]
    [InlineData("B", 2, 2, null, "u1")]
    public void Ranks_and_scores_are_inclusive(string product, int first, int last, float? least, string expected)
    {
        var path =
            _folder.Write("r.csv", "user_id,item_rank,item_id,score\nu1,1,A,0.5\nu1,2,B,0.4\nu2,2,A,0.1\nu3,3,A,1e0\n");
        Assert.Equal(expected, string.Join(' ', new ResultUsers(product, first, last, least).Read(path)));
    }

    [Fact]
    public void A_product_of_no_row_is_an_error()
    {
        var path = _folder.Write("r.csv", "user_id,item_rank,item_id,score\nu1,1,00A,0.5\n");
        var error = Assert.Throws<InputException>(() => new ResultUsers("A", 1, int.MaxValue, null).Read(path).Count());
        Assert.Contains("product 'A' is in no row", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"-4,5\"")] // as a spreadsheet saves it; -45 to a parser that takes commas for thousands separators
    [InlineData("high")]
    [InlineData("")]
    public void A_score_that_is_no_number_is_an_error_with_its_line(string score)
    {
        var path = _folder.Write("s.csv", $"user_id,item_id,score\nu1,A,0.5\nu2,A,{score}\n");
        var error = Assert.Throws<InputException>(() => new ResultUsers("A", 1, int.MaxValue, -5).Read(path).Count());
        Assert.Contains("line 3: found score '", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_for_a_single_product_have_no_ranks()
    {
        var path = _folder.Write("s.csv", "user_id,item_id,score\nu1,A,0.5\n");
        Assert.Equal(["u1"], new ResultUsers("A", 1, int.MaxValue, 0.5f).Read(path));
        Assert.Throws<InputException>(() => new ResultUsers("A", 1, 10, null).Read(path).Count());
    }
}
