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
    [InlineData("1 10 11\n2 10\n", "1 20\n2 21\n", "found no item of ")]
    [InlineData("1 10 11\n2 10\n", "3 10\n4 11\n", "found no user of ")]
    [InlineData("1 10 5\n1 11 3\n2 10 4\n", "1 12\n", "train: found 3 numbers in every line")]
    [InlineData("1 10\n2 11\n", "1 11 5 880\n1 12 5 881\n", "test: found 4 numbers in every line")]
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

    [Theory]
    [InlineData("1 10 11\n2 10 12\n")]
    [InlineData("1 10\n1 11\n2 10\n")]
    [InlineData("1 10 11\n1 12 13\n2 10\n")]
    public void Lines_of_one_length_and_users_in_several_lines_are_no_ratings_alone(string train)
    {
        using var folder = new TemporaryFolder();
        var split = BenchmarkSplit.Read(
            folder.Write("train", train), folder.Write("test", "1 12\n2 11\n3 10\n"), new() { Threads = 1 });
        Assert.True(split.Test.Count > 0);
    }
}
