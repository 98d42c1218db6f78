"""«Переведення на наступний навчальний рік»: a school's plan, its one order, the whole authority."""
