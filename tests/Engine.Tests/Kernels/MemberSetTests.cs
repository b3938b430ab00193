using Engine.Kernels.Sparse;

namespace Engine.Tests.Kernels;

public class MemberSetTests
{
    [Fact]
    public void Finds_what_a_hash_set_would_find()
    {
        var random = new Random(3);
        foreach (var universe in new[] { 1, 63, 64, 65, 5000 })
        {
            var set = new MemberSet(universe);
            for (var round = 0; round < 20; round++)
            {
                var members = Enumerable.Range(0, universe).Where(_ => random.Next(10) == 0).ToHashSet();
                int[] numbers = [.. Enumerable.Range(0, universe).Where(_ => random.Next(3) > 0)];
                foreach (var member in members)
                {
                    set.Add(member);
                }

                var places = new int[numbers.Length];
                var count = set.Find(numbers, places);
                Assert.Equal(
                    Enumerable.Range(0, numbers.Length).Where(n => members.Contains(numbers[n])), places.Take(count));
                foreach (var member in members)
                {
                    set.Remove(member);
                }

                Assert.Equal(0, set.Find(numbers, places));
            }
        }
    }

    [Fact]
    public void Refuses_numbers_outside_and_too_little_room()
    {
        var set = new MemberSet(10);
        Assert.Throws<ArgumentException>(() => set.Find([3, 10], new int[2]));
        Assert.Throws<ArgumentException>(() => set.Find([-1, 3], new int[2]));
        Assert.Throws<ArgumentException>(() => set.Find([1, 3], new int[1]));
    }
}
