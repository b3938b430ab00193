using Engine;
using Tests.Shared;
using Trainer.Leaderboard.Splits;

namespace Trainer.Tests.Leaderboard;

/// <summary>Files that give no metric are refused: a 0 would pass for a bad model.</summary>
public class BenchmarkSplitTests
{
    [Theory]
    [InlineData("", "1 10\n", "train has no item of any user")]
    [InlineData("1\n2\n", "1 10\n", "train has no item of any user")]
    [InlineData("1 10\n", "\n", "test has no item of any user")]
    [InlineData("1 10\n", "1\n", "test has no item of any user")]
    [InlineData("1 10 11\n2 10\n", "2 10\n1 11 10\n", "every item of ")]
    public void A_split_without_a_question_is_refused(string train, string test, string said)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<InputException>(
            () => BenchmarkSplit.Read(
                folder.Write("train", train), folder.Write("test", test), new() { Threads = 1 }));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_test_item_that_is_no_train_item_is_enough()
    {
        using var folder = new TemporaryFolder();
        var split = BenchmarkSplit.Read(
            folder.Write("train", "1 10 11\n2 10\n"), folder.Write("test", "1 10\n2 11\n3\n"), new() { Threads = 1 });
        Assert.Equal(2, split.Test.Count);
    }
}
