using Engine.Server.Contract;
using Engine.Server.Errors;

namespace Engine.Tests.Server;

/// <summary>Lists of objects in pages.</summary>
public class PagesTests
{
    [Fact]
    public void A_list_goes_on_although_the_last_object_of_a_page_is_gone()
    {
        var (page, next) = Of(["a", "b:1", "c", "d"], 2, "");
        Assert.Equal(["a", "b:1"], page);
        (page, next) = Of(["a", "c", "d"], 1, next);
        Assert.Equal(["c"], page);
        (page, next) = Of(["d"], 1, next);
        Assert.Equal(("d", ""), (Assert.Single(page), next));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a")]
    [InlineData("2:a")]
    [InlineData(":a")]
    [InlineData("01:a")]
    public void A_text_that_is_no_token_is_refused(string token)
    {
        var e = Assert.Throws<FieldException>(() => Of(["a", "b"], 1, token));
        Assert.Contains($"found page_token = '{token}', expected the next", e.Message, StringComparison.Ordinal);
    }

    private static (IReadOnlyList<string> Page, string Next) Of(string[] all, int size, string token) =>
        Pages.Of(all, one => one, descending: false, size, token);
}
